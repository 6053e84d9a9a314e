/** What the broker of the only site left is told: it alone votes, one copy is a whole, and any copy may lead, since no other is left. */
const ALONE: readonly (readonly [key: RegExp, value: string])[] = [
  [/^.*\.replication\.factor$/, '1'],
  [/^.*min\.insync\.replicas$|^.*\.min\.isr$/, '1'],
  [/^unclean\.leader\.election\.enable$/, 'true'],
];

/** The server.properties of a promoted broker from those it had, everything else as it was; pure. Throws when its vote is not among them. */
export function aloneProperties(text: string, nodeId: number): string {
  const lines = text.split('\n').map((line) => {
    const [key = '', ...rest] = line.split('=');
    if (key === 'controller.quorum.voters') return `${key}=${ownVote(rest.join('='), nodeId)}`;
    const changed = ALONE.find(([pattern]) => pattern.test(key));
    return changed === undefined || rest.length === 0 ? line : `${key}=${changed[1]}`;
  });
  return lines.join('\n');
}

function ownVote(voters: string, nodeId: number): string {
  const own = voters.split(',').find((voter) => voter.startsWith(`${nodeId}@`));
  if (own === undefined) throw new Error(`node ${nodeId} has no vote in ${voters}`);
  return own;
}
