/** Rows as aligned columns; numbers to the right. A column without any value is left out; without rows there is no heading either. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  if (rows.length === 0) return [];
  const columns = headings.map((heading, at) => ({ heading, at })).filter(({ at }) => rows.some((row) => String(row[at] ?? '') !== ''));
  const widths = columns.map(({ heading, at }) => Math.max(heading.length, ...rows.map((row) => String(row[at] ?? '').length)));
  const line = (cell: (at: number, width: number) => string): string =>
    columns
      .map(({ at }, column) => cell(at, widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    line((at, width) => (headings[at] ?? '').padEnd(width)),
    ...rows.map((row) =>
      line((at, width) => (typeof row[at] === 'number' ? String(row[at]).padStart(width) : String(row[at] ?? '').padEnd(width))),
    ),
  ];
}
