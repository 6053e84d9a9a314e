/** Languages the summaries for agents are shown in. */
export const LANGUAGES = ['fr', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Every word an agent reads in a summary, French first; "{x}" is filled in. */
const TEXTS = {
  recipients: { fr: 'Destinataires', en: 'Recipients' },
  notReachable: { fr: 'Injoignables', en: 'Not reachable' },
  channel: { fr: 'Canal', en: 'Channel' },
  cost: { fr: 'Coût', en: 'Cost' },
  costWithoutAccents: { fr: 'Coût sans ces accents', en: 'Cost without these accents' },
  costlyCharacters: { fr: 'Caractères coûteux', en: 'Costly characters' },
  sample: { fr: 'Exemple', en: 'Sample' },
  needsApproval: {
    fr: 'Cette campagne doit être approuvée par une seconde personne.',
    en: 'This campaign needs the approval of a second person.',
  },
  noApproval: { fr: 'Cette campagne peut partir sans seconde approbation.', en: 'This campaign may leave without a second approval.' },
  contentHash: { fr: 'Empreinte du contenu', en: 'Content hash' },
  title: { fr: 'Titre', en: 'Title' },
  state: { fr: 'État', en: 'State' },
  delivered: { fr: 'Reçus', en: 'Delivered' },
  acceptedClosed: { fr: 'Remis à l’opérateur', en: 'Accepted by the carrier' },
  failed: { fr: 'Échecs', en: 'Failed' },
  suppressed: { fr: 'Exclus', en: 'Suppressed' },
  expired: { fr: 'Expirés', en: 'Expired' },
  cancelled: { fr: 'Annulés', en: 'Cancelled' },
  pending: { fr: 'En attente', en: 'Pending' },
  deliveries: { fr: 'Envois', en: 'Deliveries' },
  handedOver: { fr: 'Transmis', en: 'Handed over' },
  accepted: { fr: 'Acceptés', en: 'Accepted' },
  onDevice: { fr: 'Sur l’appareil', en: 'On the device' },
  confirmed: { fr: 'Confirmés', en: 'Confirmed' },
  contact: { fr: 'Contact', en: 'Contact' },
  reason: { fr: 'Motif', en: 'Reason' },
  terminal: { fr: 'terminés', en: 'done' },
  imported: { fr: 'Import terminé', en: 'Import finished' },
  importFailed: { fr: 'Import interrompu', en: 'Import failed' },
  rows: { fr: 'Lignes', en: 'Rows' },
  created: { fr: 'Créés', en: 'Created' },
  updated: { fr: 'Modifiés', en: 'Updated' },
  unchanged: { fr: 'Inchangés', en: 'Unchanged' },
  merged: { fr: 'Fusionnés', en: 'Merged' },
  refused: { fr: 'Refusés', en: 'Refused' },
  contacts: { fr: 'Contacts', en: 'Contacts' },
  group: { fr: 'Groupe', en: 'Group' },
  line: { fr: 'Ligne', en: 'Line' },
  verdict: { fr: 'Verdict', en: 'Verdict' },
  column: { fr: 'Colonne', en: 'Column' },
  'state.DRAFT': { fr: 'brouillon', en: 'draft' },
  'state.SCHEDULED': { fr: 'programmée', en: 'scheduled' },
  'state.RUNNING': { fr: 'en cours', en: 'running' },
  'state.PAUSED': { fr: 'en pause', en: 'paused' },
  'state.STOPPED': { fr: 'arrêtée', en: 'stopped' },
  'state.FINISHED': { fr: 'terminée', en: 'finished' },
  'state.EXPIRED': { fr: 'expirée', en: 'expired' },
  'reason.NO_ADDRESS': { fr: 'sans coordonnée', en: 'no address' },
  'reason.NO_CONSENT': { fr: 'sans consentement', en: 'no consent' },
  'reason.STOPPED': { fr: 'a répondu STOP', en: 'answered STOP' },
  'reason.NOT_LOCATABLE': { fr: 'sans position connue', en: 'not locatable' },
  'reason.INVALID_PHONE': { fr: 'numéro invalide', en: 'invalid number' },
  'reason.INVALID_EMAIL': { fr: 'courriel invalide', en: 'invalid mailbox' },
  'reason.INVALID_POSITION': { fr: 'position invalide', en: 'invalid position' },
  'reason.MALFORMED_ROW': { fr: 'ligne illisible', en: 'malformed row' },
} as const satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>;

export type TextKey = keyof typeof TEXTS;

export interface Words {
  readonly language: Language;
  (key: TextKey): string;
}

export function wordsIn(language: Language): Words {
  return Object.assign((key: TextKey) => TEXTS[key][language], { language });
}

/** A code of the platform in the agent's language; the code itself where the catalogue has no words for it. */
export function wordFor(words: Words, kind: 'state' | 'reason', code: string): string {
  const key = `${kind}.${code}`;
  return Object.hasOwn(TEXTS, key) ? words(key as TextKey) : code;
}

export function count(words: Words, value: number): string {
  return value.toLocaleString(words.language === 'fr' ? 'fr-FR' : 'en-GB');
}
