import type { TocsinError } from '@tocsin/errors';
import { wordFor, type Words } from './catalogue.js';

/** What the platform refuses, by its stable reason, for agents; in English its own sentence is shown. */
const FRENCH: Readonly<Record<string, string>> = {
  AGENT_REQUIRED: 'Seule une personne peut le faire, pas un programme.',
  APPROVAL_MISSING: 'Une seconde personne doit approuver cette campagne avant son départ.',
  APPROVAL_VOID: 'La campagne a changé depuis son approbation : elle doit être approuvée à nouveau.',
  APPROVED_FOR_OTHER_TIME: 'L’approbation porte aussi sur l’heure : changez-la par « campaign update --at » et faites approuver à nouveau.',
  BREAK_GLASS_BY_PERSONS_ONLY: 'Seule une personne peut se passer de la seconde approbation.',
  BREAK_GLASS_LIFE_SAFETY_ONLY: 'Seule une campagne de sauvegarde des vies (life-safety) peut partir sans seconde personne.',
  CAMPAIGN_EXPIRED: 'La campagne est expirée : plus rien n’en part.',
  CHANNEL_GONE: 'Un canal de cette campagne n’est plus en service.',
  COMPLETES_AFTER_EXPIRY: 'La campagne expirerait avant que tout soit transmis. Voici ce qui conviendrait.',
  CONTENT_CHANGED: 'Le contenu n’est plus celui de cette empreinte : relisez l’aperçu.',
  EMPTY_FILE: 'Le fichier est vide : il faut une première ligne avec les titres des colonnes.',
  FILE_TOO_LARGE: 'Le fichier est trop gros : coupez-le en plusieurs.',
  GATEWAY_BUSY: 'La plateforme est trop occupée pour le moment.',
  IDEMPOTENCY_KEY_REUSED: 'Cette clé d’idempotence a déjà servi pour autre chose.',
  INTERRUPTED: 'Le fichier n’est pas arrivé jusqu’au bout : relancez l’import.',
  INVALID_ZONE: 'La zone n’est pas acceptée :',
  KEY_ALREADY_ISSUED: 'Cette clé a déjà été délivrée ; son secret ne se montre qu’une fois. Révoquez-la et délivrez-en une autre.',
  KEY_BUSY: 'Trop d’appels en cours avec cette clé.',
  KEY_EXPIRED: 'Cette clé a expiré.',
  KEY_MALFORMED: 'La clé n’a pas la forme attendue (« tok_… »).',
  KEY_MISSING: 'Aucune clé n’est donnée.',
  KEY_REVOKED: 'Cette clé a été révoquée.',
  KEY_UNKNOWN: 'Cette clé n’est pas connue.',
  MACHINES_CANNOT_APPROVE: 'Seule une personne peut approuver une campagne.',
  ORIGINAL_NOT_RELEASED: 'Rien de la campagne à rectifier n’est parti : arrêtez-la ou modifiez-la.',
  NO_USABLE_HEADER:
    'La première ligne ne nomme aucune colonne de téléphone ou de courriel : il faut des titres comme « nom », « prénom », « portable », « courriel », séparés par ; , ou tabulation.',
  NOT_PREVIEWED: 'Il faut d’abord relire l’aperçu de la campagne telle qu’elle est.',
  OWN_CAMPAIGN: 'Une campagne est approuvée par une autre personne que son auteur.',
  OWN_PRINCIPAL: 'Personne ne se désactive soi-même : un autre administrateur le fait.',
  PACE_ENDS_AFTER_EXPIRY:
    'À ce rythme la campagne finirait après son expiration : plus vite, une expiration plus tardive, moins de monde, ou --accept-late.',
  PRINCIPAL_DISABLED: 'Ce compte est désactivé.',
  RECIPIENTS_TRIMMED: 'Les destinataires de cette campagne ont été effacés au terme de leur durée de conservation ; ses totaux restent.',
  ROLE_MISSING: 'Cette clé ne donne pas le droit de le faire.',
  SECOND_PERSON_REQUIRED: 'Plus de monde serait touché qu’une personne seule n’en décide : un approbateur autre que l’auteur la relance.',
  TENANT_BUSY: 'Votre collectivité a déjà trop d’appels de ce genre en cours.',
  TENANT_SUSPENDED: 'La collectivité est suspendue : rien ne part.',
  TENANT_TOO_FAST: 'Votre collectivité appelle la plateforme trop souvent.',
  TOO_MANY_ROWS: 'Le fichier a trop de lignes ; les premières sont prises. Coupez-le en plusieurs.',
  UNREADABLE_FILE: 'Ce fichier n’est pas un texte CSV lisible : exportez le registre en « CSV UTF-8 ».',
  VERSION_CHANGED: 'Quelqu’un d’autre a changé la même chose entre-temps : relisez-la.',
};

const THINGS: Readonly<Record<string, string>> = {
  Campaign: 'Campagne introuvable.',
  Contact: 'Contact introuvable.',
  Import: 'Import introuvable.',
  Key: 'Clé introuvable.',
  Principal: 'Compte introuvable.',
  Register: 'Registre introuvable : importez d’abord un fichier.',
  Tenant: 'Collectivité introuvable.',
};

/** The failure as one sentence in the agent's language; the platform's own English where the catalogue has none. */
export function failureSentence(words: Words, error: TocsinError): string {
  const { code, reason, message } = error;
  const french = words.language === 'fr';
  if (french) {
    if (code === 'NOT_FOUND') return THINGS[message.split(' ')[0] ?? ''] ?? message;
    if (reason === 'WRONG_STATE') return `Impossible : la campagne est ${wordFor(words, 'state', error.metadata['state'] ?? '')}.`;
    if (Object.hasOwn(FRENCH, reason)) return FRENCH[reason] ?? message;
  }
  if (code === 'UNAVAILABLE') return words('unreachable');
  return error.fieldViolations.length > 0 ? words('notAccepted') : message;
}
