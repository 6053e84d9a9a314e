/** GSM 03.38 default alphabet in code order, the escape at 0x1b left out as a character of its own. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const ESCAPE = 0x1b;
/** Characters written as escape + code. */
const EXTENSION: readonly (readonly [string, number])[] = [
  ['\f', 0x0a],
  ['^', 0x14],
  ['{', 0x28],
  ['}', 0x29],
  ['\\', 0x2f],
  ['[', 0x3c],
  ['~', 0x3d],
  [']', 0x3e],
  ['|', 0x40],
  ['€', 0x65],
];
/** Code of a UTF-16 unit; -1 where there is none; codes above 0x7f stand for escape + (code - 0x80). */
const CODES = new Int16Array(0x10000).fill(-1);
for (let code = 0; code < BASIC.length; code++) if (code !== ESCAPE) CODES[BASIC.charCodeAt(code)] = code;
for (const [character, code] of EXTENSION) CODES[character.charCodeAt(0)] = 0x80 + code;

/** One octet a septet, unpacked as SMPP carries it; undefined when the text holds a character outside GSM 03.38. */
export function encodeGsm7(text: string): Buffer | undefined {
  const octets = Buffer.allocUnsafe(text.length * 2);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = CODES[text.charCodeAt(at)] ?? -1;
    if (code < 0) return undefined;
    if (code >= 0x80) octets[length++] = ESCAPE;
    octets[length++] = code & 0x7f;
  }
  return octets.subarray(0, length);
}
