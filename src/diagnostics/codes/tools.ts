import { defineCodes } from '../define.ts';

/** What is done with models: budgets, `fit`, `verify`, `probe`, `golden`, `rollout`. */
export const toolCodes = defineCodes({
  'wrong-unit': {
    severity: 'error',
    title: 'A bound in another unit',
    message: (a: { measure: string; wanted: string; found: string }) => `\`${a.measure}\` is ${a.wanted}, but this is ${a.found}`,
  },
  'tool-incomplete': {
    severity: 'error',
    title: 'A tool that lacks what it needs',
    message: (a: { tool: string; lacks: string }) => `${a.tool} has ${a.lacks}`,
  },
  'tool-repeated': {
    severity: 'error',
    title: 'Something said twice that can be so only once',
    message: (a: { what: string; tool: string }) => `${a.tool} has more than one ${a.what}`,
  },
  'tool-value': {
    severity: 'error',
    title: 'A value that a tool cannot work with',
    message: (a: { found: string; needs: string }) => `this is ${a.found}; ${a.needs}`,
  },
  'option-value': {
    severity: 'error',
    title: 'An option that has no such value',
    message: (a: { of: string; option: string; needs: string; found: string }) => `\`${a.option}\` of \`${a.of}\` is ${a.needs}, but this is ${a.found}`,
  },
  'measure-inputs': {
    severity: 'error',
    title: 'Values that cannot be measured together',
    message: (a: { measure: string; why: string }) => `\`${a.measure}\`: ${a.why}`,
  },
  'loss-form': {
    severity: 'error',
    title: 'A loss that is no sum of losses',
    message: (a: { found: string }) => `${a.found} is no loss`,
  },
  'method-loss': {
    severity: 'error',
    title: 'A method that cannot minimise the loss',
    message: (a: { method: string; loss: string }) => `\`${a.method}\` cannot minimise ${a.loss}`,
  },
  'fit-target': {
    severity: 'error',
    title: 'A fit that has nothing to learn',
    message: (a: { name: string; why: string }) => `\`fit ${a.name}\` cannot learn anything: ${a.why}`,
  },
  'fit-by-task': {
    severity: 'warning',
    title: 'A bridge that is learned by the loss of a task alone',
    message: (a: { part: string; space: string }) => `\`${a.part}\` promises vectors of \`${a.space}\`, and is learned by the loss of a task alone`,
  },
  'bound-form': {
    severity: 'error',
    title: 'A bound that can never say anything',
    message: (a: { why: string }) => a.why,
  },
  'budget-exceeded': {
    severity: 'error',
    title: 'A model over its budget',
    message: (a: { metric: string; model: string; figure: string; below: boolean; limit: string; share: boolean; from: string | undefined }) =>
      `${a.share ? 'beside its backbones, ' : ''}\`${a.metric}\` of \`${a.model}\` is ${a.figure}, over its budget of ${a.below ? 'less than ' : ''}${a.limit}${a.from === undefined ? '' : ` from ${a.from} on`}`,
  },
  'budget-unproved': {
    severity: 'warning',
    title: 'A budget that nothing proves',
    message: (a: { metric: string; model: string; why: string }) => `it is not known whether \`${a.model}\` keeps to its budget of \`${a.metric}\`: ${a.why}`,
  },
  'budget-share': {
    severity: 'error',
    title: 'A share of backbones that are not there',
    message: (a: { metric: string; model: string }) => `\`${a.model}\` has no backbone of whose \`${a.metric}\` this could be a share`,
  },
  'swap-mismatch': {
    severity: 'error',
    title: 'A swap that does not fit',
    message: (a: { part: string; replacement: string; why: string }) => `\`${a.replacement}\` cannot stand in for \`${a.part}\`: ${a.why}`,
  },
  'probe-inputs': {
    severity: 'error',
    title: 'A probe of parts that read different things',
    message: (a: { first: string; second: string; why: string }) => `\`${a.first}\` and \`${a.second}\` cannot be probed on the same data: ${a.why}`,
  },
  'slot-output': {
    severity: 'error',
    title: 'A slot that is no call of one head',
    message: (a: { slot: string; model: string; found: string }) => `the output \`${a.slot}\` of \`${a.model}\` is ${a.found}, not the call of one head`,
  },
  'arm-type': {
    severity: 'error',
    title: 'An arm of another type',
    message: (a: { arm: string; head: string; why: string }) => `\`${a.arm}\` cannot answer in place of \`${a.head}\`: ${a.why}`,
  },
  'arm-unknown': {
    severity: 'error',
    title: 'A head that is none of the arms',
    message: (a: { head: string; slot: string; clause: string }) => `the slot \`${a.slot}\` has no arm \`${a.head}\`, to which its ${a.clause} leads`,
  },
  'arm-shares': {
    severity: 'error',
    title: 'Shares that do not add up',
    message: (a: { slot: string; total: string }) => `the arms of \`${a.slot}\` add up to ${a.total}, not to 100%`,
  },
  'arm-idle': {
    severity: 'warning',
    title: 'An arm that answers nobody',
    message: (a: { arm: string; slot: string }) => `\`${a.arm}\` gets no request of \`${a.slot}\`: its share is 0%, and neither a flag nor the rollback leads to it`,
  },
  'quantity-misplaced': {
    severity: 'error',
    title: 'A quantity where a plain number is needed',
    message: (a: { quantity: string }) => `\`${a.quantity}\` is a number with a unit, which no body computes with`,
  },
});
