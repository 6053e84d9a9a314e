/** Readable text: lines and tabs allowed, other control characters not. */
export function isText(text: string, max: number): boolean {
  return text.trim() !== '' && text.length <= max && text.isWellFormed() && !/[\p{Cc}]/u.test(text.replaceAll(/[\n\t]/g, ''));
}
