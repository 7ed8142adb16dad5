/** Where Debian's `chromium-common` has its Vulkan device in software, on which WebGPU runs without a GPU. */
export const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
export const noSwiftShader = `skipped: no ${swiftShader}: the GPU path is not tested (apt-get install --no-install-recommends chromium-common libvulkan1)`;
