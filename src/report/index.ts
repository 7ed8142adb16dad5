/** Reports: from what the toolkit found out to one page, as HTML or as Markdown. Nothing is computed here but places on paper. */
export { composeHistory, composeReport, type ReportInput } from './compose.ts';
export type { ReportDocument } from './document.ts';
export { renderHtml } from './html/page.ts';
export { renderMarkdown } from './markdown.ts';
