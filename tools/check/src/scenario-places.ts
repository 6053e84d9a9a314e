/** Of Vitest's JSON report, what tells which files ran. */
export interface ReportedFile {
  readonly name: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

/** Where scenarios of whole stacks run, by their file; the first that fits. */
const PLACES: readonly { readonly place: string; readonly files: RegExp }[] = [
  { place: 'in containers', files: /\/(containers\.int|image\.e2e)\.test\.ts$/ },
  { place: 'in network namespaces', files: /\/sites[^/]*\.e2e\.test\.ts$/ },
  { place: 'as processes', files: /\.e2e\.test\.ts$/ },
];

/** One line: which scenarios ran where, with their passed tests, and which did not run at all. */
export function scenarioPlaces(files: readonly ReportedFile[]): string {
  const left = new Set(files);
  const rows = PLACES.map(({ place, files: pattern }) => {
    const here = [...left].filter((file) => pattern.test(file.name)).toSorted((a, b) => a.name.localeCompare(b.name));
    here.forEach((file) => left.delete(file));
    return { place, here };
  }).filter(({ here }) => here.length > 0);
  return `Scenarios: ${rows.map(({ place, here }) => `${place} ${here.map(ran).join(', ')}`).join('; ') || 'none'}`;
}

function ran({ name, assertionResults }: ReportedFile): string {
  const short = name.replace(/^.*\//, '').replace(/\.test\.ts$/, '');
  const passed = assertionResults.filter(({ status }) => status === 'passed').length;
  return `${short} (${passed === 0 ? 'not run' : passed})`;
}
