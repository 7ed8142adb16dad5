/** What the words of the language mean, in one sentence each. */

export const factWords: Readonly<Record<string, string>> = {
  range: 'Every element lies between the two numbers. NaN does not.',
  norm: 'The Euclidean norm along the axis; rows of zeros are exempt unless `nonzero` is said, too.',
  sum: 'The sum along the axis.',
  mean: 'The mean along the axis.',
  std: 'The standard deviation along the axis.',
  mask: 'Every element is 0 or 1.',
  prefix_mask: 'Each row is ones and then zeros: what is padded stands at its end. A row may be all ones, or all zeros unless `nonzero` is said, too.',
  integer: 'Every element is a whole number.',
  finite: 'No element is NaN or infinite.',
  one_hot: 'One element of each row is 1, the others are 0.',
  nonzero: 'No row is all zeros.',
  space: 'The representation space that the values lie in. Only a backbone or fitted weights lead from one into another.',
  tokenizer: 'The vocabulary that the values are indices of.',
};

export const familyWords: Readonly<Record<string, string>> = {
  float: 'One floating-point type, the same wherever `float` stands in this signature.',
  int: 'One integer type, the same wherever `int` stands in this signature.',
  any: 'One element type, the same wherever `any` stands in this signature; no float of 8 bits, and no number of fewer.',
};

export const kindWords: Readonly<Record<string, string>> = {
  int: 'A whole number or labels, given by name at the call.',
  float: 'A number, given by name at the call.',
  bool: '`true` or `false`, given by name at the call.',
  str: 'A text, given by name at the call.',
  dtype: 'An element type, given by name.',
  space: 'A space, given by name.',
  tokenizer: 'A tokenizer, given by name.',
  labels: 'Labels, given by name at the call.',
  initializer: 'What a parameter begins with before it is fitted, given by name at the call: an initialiser or a number.',
};
