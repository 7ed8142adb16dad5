/** IEEE 754's half precision as the numbers of JavaScript. */

const bits = new DataView(new ArrayBuffer(8));

/** The nearest half-precision number's bits, ties to even, as IEEE 754 converts; overflow is an infinity. */
export function toHalf(value: number): number {
  const magnitude = Math.abs(value);
  bits.setFloat64(0, value);
  const sign = (bits.getUint8(0) >> 7) << 15;
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundEven(magnitude * 2 ** 24);
  const exponent = ((bits.getUint16(0) >> 4) & 0x7ff) - 1023;
  // A fraction that rounds up to 2 carries into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + roundEven((magnitude / 2 ** exponent - 1) * 1024));
}

/** The nearest whole number, ties to even. */
function roundEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

/** The number that half-precision bits stand for; exact. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
