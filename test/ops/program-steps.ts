/** How many nodes an expression becomes in the program of a model. */
import { checkText } from '../check/world.ts';

/**
 * @param inputs the model's inputs with their types
 * @param output an expression over them
 * @returns the nodes of the program, those of guards left out
 */
export function programSteps(inputs: Readonly<Record<string, string>>, output: string): number {
  const declared = Object.entries(inputs).map(([name, type]) => `  input ${name}: ${type}\n`).join('');
  const { models } = checkText(`model M {\n${declared}  output result = ${output}\n}`);
  return models[0]!.program.steps.filter(({ name }) => !name.includes('guard')).length;
}
