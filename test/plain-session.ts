/**
 * How tests open sessions of ONNX Runtime: without optimisation, so that what is computed is what is written; silent, as
 * what it has to say comes back as an error; and on one thread, as the graphs are small and threads that wait for work
 * spin for longer than it takes.
 */
export const plainSession = { graphOptimizationLevel: 'disabled', logSeverityLevel: 4, intraOpNumThreads: 1, interOpNumThreads: 1 } as const;
