/** Amounts of a budget with their units, as a source writes them. */

/** Of a metric of which only a run tells: `20ms`, `512MB`, `100` rows a second. */
export function showAmount(metric: string, value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'unbounded' : String(value);
  if (metric.startsWith('latency.')) return value >= 1 ? `${three(value)}s` : value >= 1e-3 ? `${three(1e3 * value)}ms` : `${three(1e6 * value)}us`;
  if (metric !== 'memory') return three(value);
  const [size, unit] = units.find(([least]) => value >= least) ?? [1, 'B'];
  return `${three(value / size)}${unit}`;
}

const units = [[1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']] as const;

const three = (value: number): string => (Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3))));
