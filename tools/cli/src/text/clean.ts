/** Takes out what would move a terminal's cursor or hide text: names and messages come from files nobody here wrote. */
export function clean(text: string): string {
  // Tabs and line ends are all that stays of the control characters.
  return text.replace(/(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '');
}
