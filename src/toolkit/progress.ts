/** How far a long computation has come, on a terminal: one line, drawn anew. */
export interface Progress {
  /** `done` of `total` of what `words` name. */
  update(words: string, done: number, total: number): void;
  /** Removes the line. */
  clear(): void;
}

export const silent: Progress = { update: () => {}, clear: () => {} };

const leastMilliseconds = 100;

/** Draws to a terminal, with an estimate once there is one. */
export function terminalProgress(write: (text: string) => unknown, now: () => number = () => performance.now()): Progress {
  let shown = -Infinity;
  let begun: { readonly words: string; readonly at: number; readonly done: number } | undefined;
  return {
    update(words, done, total) {
      if (begun?.words !== words) begun = { words, at: now(), done };
      const time = now();
      if (time - shown < leastMilliseconds && done < total) return;
      shown = time;
      const rate = (done - begun.done) / (time - begun.at);
      const left = rate > 0 ? `, ${showTime((total - done) / rate)} left` : '';
      write(`\r\u001b[K${words}: ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} (${Math.floor((100 * done) / total)} %)${left}`);
    },
    clear() {
      if (shown > -Infinity) write('\r\u001b[K');
      shown = -Infinity;
      begun = undefined;
    },
  };
}

function showTime(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
