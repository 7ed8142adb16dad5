/** How many cases a property draws: so many, or as many times more as `MDL_RUNS` says, where a longer search is worth it. */
export const runs = (usual: number): number => Math.ceil(usual * Number(process.env['MDL_RUNS'] ?? 1));
