/** Maps without a bias: x W, where nothing is moved. Every method that looks at moments alone finds its own, from moments about 0. */
import { momentsAboutOrigin } from '../kernels/moments.ts';
import type { Training } from './training.ts';

/** What maps about the origin are fitted from. They are scored as others are: by what they leave of the variance about the mean. */
export const aboutOrigin = (training: Training): Training => ({ ...training, centre: 'origin', all: momentsAboutOrigin(training.all), basis: undefined });
