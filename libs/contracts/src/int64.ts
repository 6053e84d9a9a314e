import type { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';

const HALF = 2 ** 32;

/** What the reader and the writer keep to themselves and the generated code of other languages calls. */
interface Halves {
  varint64Lo: number;
  varint64Hi: number;
  varint64(): void;
}
interface HalvesWriter {
  writeVarint64(low: number, high: number): BinaryWriter;
}

/** An int64 as a number. Throws where a number cannot hold it, and what the reader throws for damaged bytes. */
export function readInt64(reader: BinaryReader): number {
  const halves = reader as unknown as Halves;
  halves.varint64();
  const value = (halves.varint64Hi | 0) * HALF + (halves.varint64Lo >>> 0);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError('An int64 is beyond what a number holds exactly.');
}

/** Writes a number as an int64; one that is no whole number throws as the library does. */
export function writeInt64(writer: BinaryWriter, value: number): BinaryWriter {
  // Its own way for what is negative or not whole: both are rare.
  if (!Number.isSafeInteger(value) || value < 0) return writer.int64(value);
  return (writer as unknown as HalvesWriter).writeVarint64(value | 0, Math.floor(value / HALF));
}
