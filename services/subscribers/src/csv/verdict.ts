/** What an import says about a row; never the value, only its column. */
export type VerdictKind = 'REFUSED' | 'MERGED' | 'WARNED';

/** The closed list of reasons. */
export type VerdictReason =
  | 'MALFORMED_ROW'
  | 'ROW_TOO_LONG'
  | 'NO_ADDRESS'
  | 'INVALID_PHONE'
  | 'INVALID_EMAIL'
  | 'INVALID_POSITION'
  | 'INVALID_INSEE_CODE'
  | 'INVALID_POSTCODE'
  | 'UNKNOWN_CONSENT'
  | 'DAMAGED_TEXT'
  | 'VALUE_TOO_LONG'
  | 'TOO_MANY_GROUPS'
  | 'TOO_MANY_ADDRESSES'
  | 'DUPLICATE_ADDRESS'
  | 'ADDRESS_OF_ANOTHER_CONTACT';

export interface RowVerdict {
  /** Line of the file the row starts on, from 1. */
  readonly line: number;
  readonly verdict: VerdictKind;
  readonly reason: VerdictReason;
  /** Title of the column as the file writes it; '' where the row as a whole is meant. */
  readonly column: string;
}
