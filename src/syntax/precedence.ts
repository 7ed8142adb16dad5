/** How tightly the operators bind: higher is tighter, all are left-associative, and signs, calls and fields are tighter still. */
export const precedence = { '|>': 1, '+': 2, '-': 2, '*': 3, '/': 3, div: 3, mod: 3 } as const;

export type OperatorText = keyof typeof precedence;

export const isOperator = (text: string): text is OperatorText => Object.hasOwn(precedence, text);
