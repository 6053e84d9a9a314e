import type { Facts } from '../facts.js';
import type { Finding } from '../finding.js';

const DAY_SECONDS = 86_400;
/** Days before the end of a certificate at which it should long have been replaced. */
const CERTIFICATE_DAYS = 14;
/** Seconds after which a backup is too old: the promise is five minutes of loss. */
const BACKUP_AGE = 900;

/** What is wrong with what is kept: letters nobody dealt with, certificates, the audit, backups. */
export function keepingFindings(facts: Facts): readonly Finding[] {
  return [...letterFindings(facts), ...certificateFindings(facts), ...auditFindings(facts), ...backupFindings(facts)];
}

function letterFindings({ kafka, at }: Facts): readonly Finding[] {
  return (kafka?.deadLetters ?? [])
    .filter(({ waiting }) => waiting > 0)
    .map(({ topic, waiting, reasons, groups, newest }) => ({
      kind: 'DeadLetters',
      severity: 'warning',
      subject: topic,
      concerns: [],
      sentence: `${waiting} ${waiting === 1 ? 'record' : 'records'} of ${topic} could not be processed (${reasons.join(', ')}) and lie aside; nothing else waits for them.`,
      evidence: [`readers: ${groups.join(', ')}`, `the newest is ${Math.round((at - newest) / 1_000)} s old`],
    }));
}

function certificateFindings({ processes }: Facts): readonly Finding[] {
  return processes.flatMap(({ name, probe }) =>
    probe.metrics.series('tocsin_certificate_expires_seconds').flatMap(({ labels, value }): Finding[] => {
      const days = value / DAY_SECONDS;
      if (days >= CERTIFICATE_DAYS) return [];
      const what = Object.values(labels).join(' ');
      return [
        {
          kind: 'CertificateExpiring',
          severity: days <= 0 ? 'critical' : 'warning',
          subject: `${name}/${what}`,
          concerns: days <= 0 ? [] : [name],
          sentence:
            days <= 0
              ? `A certificate of ${name} (${what}) has expired: whoever it connects to refuses it.`
              : `A certificate of ${name} (${what}) expires in ${Math.floor(days)} days and has not been replaced.`,
          evidence: [`tocsin_certificate_expires_seconds ${Math.round(value)}`],
        },
      ];
    }),
  );
}

function auditFindings({ processes }: Facts): readonly Finding[] {
  return processes.flatMap(({ name, probe }): Finding[] => {
    const lost = probe.metrics.sum('tocsin_gateway_audit_lost_total');
    if (lost === 0) return [];
    const sentence = `${name} gave up ${lost} audit ${lost === 1 ? 'entry' : 'entries'}: the record of who did what has a hole.`;
    return [
      {
        kind: 'AuditBroken',
        severity: 'critical',
        subject: name,
        concerns: [],
        sentence,
        evidence: [`tocsin_gateway_audit_lost_total ${lost}`],
      },
    ];
  });
}

function backupFindings({ backup, at }: Facts): readonly Finding[] {
  if (!backup) return [];
  const { folder, takenAt } = backup;
  const age = (at - takenAt) / 1_000;
  if (takenAt > 0 && age < BACKUP_AGE) return [];
  const sentence =
    takenAt === 0
      ? `There is no backup in ${folder}.`
      : `The newest backup is ${Math.round(age / 60)} minutes old: a restore now would lose as much.`;
  const evidence = [`${folder}/last.json: ${takenAt === 0 ? 'not there' : new Date(takenAt).toISOString()}`];
  return [{ kind: 'BackupOld', severity: 'critical', subject: folder, concerns: [], sentence, evidence }];
}
