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
  waitsBecause: { fr: 'En attente d’une décision', en: 'Waits for a decision' },
  excludedBefore: { fr: 'Écartés à la préparation', en: 'Left out at planning' },
  lane: { fr: 'Voie', en: 'Lane' },
  'lane.LIFE_SAFETY': { fr: 'sauvegarde des vies', en: 'life-safety' },
  'lane.URGENT': { fr: 'urgente', en: 'urgent' },
  'lane.STANDARD': { fr: 'courante', en: 'standard' },
  'lane.BULK': { fr: 'en nombre', en: 'bulk' },
  'status.EXERCISE': { fr: 'EXERCICE', en: 'EXERCISE' },
  'status.TEST': { fr: 'ESSAI', en: 'TEST' },
  audience: { fr: 'Cible', en: 'Audience' },
  'register.GENERAL': { fr: 'registre général', en: 'general register' },
  'register.VULNERABLE': { fr: 'registre des personnes vulnérables', en: 'register of vulnerable people' },
  'register.PLP': { fr: 'registre PLP', en: 'PLP register' },
  everyone: { fr: 'tout le monde', en: 'everyone' },
  groups: { fr: 'groupes', en: 'groups' },
  zoneOf: { fr: 'dans une zone de', en: 'inside a zone of' },
  points: { fr: 'points', en: 'points' },
  exceptGroups: { fr: 'sauf les groupes', en: 'except the groups' },
  exceptContacts: { fr: 'contacts exclus', en: 'contacts excluded' },
  leaves: { fr: 'Départ', en: 'Leaves' },
  atOnce: { fr: 'dès la décision', en: 'when released' },
  pace: { fr: 'Rythme', en: 'Pace' },
  aMinute: { fr: 'par minute et par canal', en: 'a minute on each channel' },
  spreadOver: { fr: 'étalée sur', en: 'spread over' },
  takesAtLeast: { fr: 'dure au moins', en: 'takes at least' },
  slowedBecause: { fr: 'Ralentie', en: 'Slowed down' },
  expires: { fr: 'Expire', en: 'Expires' },
  author: { fr: 'Auteur', en: 'Author' },
  approvedBy: { fr: 'Approuvée par', en: 'Approved by' },
  brokenGlass: { fr: 'Partie sans seconde personne', en: 'Released without a second person' },
  inOrder: { fr: 'l’un après l’autre', en: 'one after the other' },
  together: { fr: 'ensemble', en: 'together' },
  channels: { fr: 'Canaux', en: 'Channels' },
  nothingTaken: {
    fr: 'Aucune ligne n’a pu être prise : le registre est comme avant.',
    en: 'Not a row could be taken: the register is as before.',
  },
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
  unreachable: {
    fr: 'La plateforme ne répond pas : vérifiez --address, et qu’elle tourne.',
    en: 'The platform cannot be reached: check --address, and that it runs.',
  },
  notAccepted: { fr: 'Certaines valeurs ne sont pas acceptées :', en: 'Some values are not accepted:' },
  tryAgainIn: { fr: 'réessayez dans', en: 'try again in' },
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
  'reason.ROW_TOO_LONG': { fr: 'ligne trop longue', en: 'row too long' },
  'reason.INVALID_INSEE_CODE': { fr: 'code INSEE invalide', en: 'invalid INSEE code' },
  'reason.INVALID_POSTCODE': { fr: 'code postal invalide', en: 'invalid postcode' },
  'reason.UNKNOWN_CONSENT': { fr: 'accord non compris, donc pas d’accord', en: 'consent not understood, so none' },
  'reason.DAMAGED_TEXT': { fr: 'texte abîmé', en: 'damaged text' },
  'reason.VALUE_TOO_LONG': { fr: 'valeur coupée, trop longue', en: 'value cut, too long' },
  'reason.TOO_MANY_GROUPS': { fr: 'trop de groupes', en: 'too many groups' },
  'reason.TOO_MANY_ADDRESSES': { fr: 'trop de coordonnées', en: 'too many addresses' },
  'reason.DUPLICATE_ADDRESS': { fr: 'même coordonnée qu’une autre ligne', en: 'same address as another row' },
  'reason.ADDRESS_OF_ANOTHER_CONTACT': { fr: 'coordonnée d’un autre contact', en: 'address of another contact' },
  'reason.ADDRESS_UNKNOWN': { fr: 'coordonnée inexistante', en: 'the address does not exist' },
  'reason.ADDRESS_REFUSED': { fr: 'refusée par l’opérateur pour ce destinataire', en: 'refused by the carrier for this address' },
  'reason.MAILBOX_FULL': { fr: 'boîte pleine', en: 'mailbox full' },
  'reason.CONTENT_REFUSED': { fr: 'texte refusé par l’opérateur', en: 'text refused by the carrier' },
  'reason.SENDER_REFUSED': { fr: 'expéditeur refusé par l’opérateur', en: 'sender refused by the carrier' },
  'reason.PROVIDER_BUSY': { fr: 'opérateur saturé', en: 'carrier busy' },
  'reason.PROVIDER_UNAVAILABLE': { fr: 'opérateur injoignable', en: 'carrier unavailable' },
  'reason.PROVIDER_REFUSED': { fr: 'refusé par l’opérateur', en: 'refused by the carrier' },
  'reason.GREYLISTED': { fr: 'report demandé par la messagerie', en: 'greylisted' },
  'reason.RENDER_FAILED': { fr: 'texte impossible à composer', en: 'text could not be rendered' },
  'reason.SEAL_BROKEN': { fr: 'coordonnée illisible', en: 'address unreadable' },
  'reason.TIMED_OUT': { fr: 'sans réponse de l’opérateur', en: 'no answer from the carrier' },
  'reason.UNKNOWN_ANSWER': { fr: 'réponse inconnue de l’opérateur', en: 'unknown answer from the carrier' },
  'reason.EXPIRED': { fr: 'délai passé', en: 'expired' },
  'reason.CANCELLED': { fr: 'campagne arrêtée', en: 'campaign stopped' },
  'reason.STOPPED_BY_RECIPIENT': { fr: 'a répondu STOP depuis la préparation', en: 'answered STOP after planning' },
  'reason.EXPANSION': {
    fr: 'la cible dépasse trois fois l’aperçu : « resume » l’accepte, « stop » l’abandonne',
    en: 'the audience is above 3 times the preview: resume accepts it, stop gives it up',
  },
  'reason.BEYOND_LIFE_SAFETY_BUDGET': {
    fr: 'budget de sauvegarde des vies dépassé : la suite part dans la voie courante',
    en: 'beyond the life-safety budget: the rest goes in the standard lane',
  },
  'reason.QUOTA_REACHED': { fr: 'quota de la collectivité atteint : la suite attend', en: 'quota of the tenant reached: the rest waits' },
  'delivery.REQUESTED': { fr: 'à envoyer', en: 'requested' },
  'delivery.DISPATCHED': { fr: 'en cours d’envoi', en: 'dispatched' },
  'delivery.ACCEPTED': { fr: 'remis à l’opérateur', en: 'accepted by the carrier' },
  'delivery.DELIVERED': { fr: 'reçu', en: 'delivered' },
  'delivery.ACCEPTED_CLOSED': { fr: 'remis à l’opérateur', en: 'accepted by the carrier' },
  'delivery.FAILED': { fr: 'échec', en: 'failed' },
  'delivery.EXPIRED': { fr: 'expiré', en: 'expired' },
  'delivery.CANCELLED': { fr: 'annulé', en: 'cancelled' },
  'delivery.SUPPRESSED': { fr: 'exclu', en: 'suppressed' },
  'verdict.REFUSED': { fr: 'refusée', en: 'refused' },
  'verdict.MERGED': { fr: 'fusionnée', en: 'merged' },
  'verdict.WARNED': { fr: 'à vérifier', en: 'to check' },
} as const satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>;

export type TextKey = keyof typeof TEXTS;

export interface Words {
  readonly language: Language;
  (key: TextKey): string;
}

export function wordsIn(language: Language): Words {
  return Object.assign((key: TextKey) => TEXTS[key][language], { language });
}

/** Families of codes that have words. */
export type WordKind = 'state' | 'reason' | 'delivery' | 'verdict' | 'lane' | 'status' | 'register';

/** A code of the platform in the agent's language; the code itself where the catalogue has no words for it. */
export function wordFor(words: Words, kind: WordKind, code: string): string {
  const key = `${kind}.${code}`;
  return Object.hasOwn(TEXTS, key) ? words(key as TextKey) : code;
}

export function count(words: Words, value: number): string {
  return value.toLocaleString(words.language === 'fr' ? 'fr-FR' : 'en-GB');
}
