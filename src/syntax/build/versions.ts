import type { CstNode, IToken } from 'chevrotain';
import { syntaxCodes } from '../../diagnostics/codes/syntax.ts';
import type { Version, VersionRange } from '../ast.ts';
import * as t from '../tokens.ts';
import { isReal, nodeOf, spanOfToken, tokenOf, tokensOf, type Builder } from './cst.ts';

function reportVersion(b: Builder, token: IToken, meant: string | undefined): void {
  const location = { uri: b.source.uri, span: spanOfToken(token) };
  const fixes = meant === undefined ? [] : [{ title: `Write \`${meant}\``, edits: [{ location, text: meant }] }];
  b.diagnostics.push(syntaxCodes.report('invalid-version', { found: token.image }, location, { fixes }));
}

/** A version or a range as semver.org has it: reported where its numbers have leading zeros, and read without them. */
function withoutZeros(b: Builder, token: IToken): string {
  const meant = token.image.replace(/\b0+(?=\d)/g, '');
  if (meant !== token.image) {
    const location = { uri: b.source.uri, span: spanOfToken(token) };
    const fixes = [{ title: `Write \`${meant}\``, edits: [{ location, text: meant }] }];
    b.diagnostics.push(syntaxCodes.report('leading-zero', { found: token.image, meant }, location, { fixes }));
  }
  return meant;
}

/** The version behind `@`, as a property to spread; `1.2` is reported and read as `1.2.0`. */
export function versionOf(b: Builder, cst: CstNode): { readonly version?: Version } {
  const token = tokenOf(cst, t.VersionLike);
  if (!isReal(token)) return {};
  const parts = /^\^?(\d+(?:\.\d+){0,2})$/.exec(token.image)?.[1]?.split('.');
  const text = parts && [...parts, '0', '0'].slice(0, 3).join('.');
  if (token.tokenType === t.VersionLiteral) return { version: { kind: 'Version', span: spanOfToken(token), text: withoutZeros(b, token) } };
  reportVersion(b, token, text);
  return text === undefined ? {} : { version: { kind: 'Version', span: spanOfToken(token), text } };
}

function buildRange(b: Builder, token: IToken): VersionRange {
  const sound = /^\^?\d+(?:\.\d+){0,2}$/.test(token.image);
  if (!sound) reportVersion(b, token, undefined);
  return { kind: 'VersionRange', span: spanOfToken(token), text: sound ? withoutZeros(b, token) : token.image };
}

/** The ranges `^2 | ^3` of a node; none where it has no such child. */
export function buildRanges(b: Builder, cst: CstNode): readonly VersionRange[] {
  const versions = nodeOf(cst, 'versions');
  return versions === undefined ? [] : tokensOf(versions, t.VersionLike).filter(isReal).map((token) => buildRange(b, token));
}
