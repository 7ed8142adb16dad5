/** `wanted`, or the first of `wanted_2`, `wanted_3`, … that is free. */
export function claimName(wanted: string, isTaken: (name: string) => boolean, separator = '_'): string {
  let name = wanted;
  for (let count = 2; isTaken(name); count++) name = `${wanted}${separator}${count}`;
  return name;
}
