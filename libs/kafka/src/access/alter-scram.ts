import { createRequire } from 'node:module';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import type { ProtocolRequest } from '../kafkajs-internals.js';

/** The part of kafkajs' encoder and decoder used here. */
interface Encoder {
  writeUVarInt(value: number): Encoder;
  writeUVarIntString(value: string): Encoder;
  writeUVarIntBytes(value: Buffer): Encoder;
  writeInt8(value: number): Encoder;
  writeInt32(value: number): Encoder;
}
interface Decoder {
  readTaggedFields(): unknown;
  readInt32(): number;
  readInt16(): number;
  readUVarIntString(): string | null;
  readUVarIntArray<T>(read: (decoder: Decoder) => T): T[] | null;
}

const load = createRequire(import.meta.url);
const EncoderClass = load('kafkajs/src/protocol/encoder.js') as new () => Encoder;
const DecoderClass = load('kafkajs/src/protocol/decoder.js') as new (data: Buffer) => Decoder;
const { createErrorFromCode } = load('kafkajs/src/protocol/error.js') as { createErrorFromCode: (code: number) => Error };

const API_KEY = 51;
const SCRAM_SHA_512 = 2;
/** Rounds of a password's hash: twice the least that Kafka takes. */
const ITERATIONS = 8_192;
const SALT_BYTES = 24;
const KEY_BYTES = 64;

/** AlterUserScramCredentials (KIP-554), version 0, which kafkajs lacks: sets or replaces passwords; the broker never sees them, only their salted hash. */
export function alterScramRequest(passwords: ReadonlyMap<string, string>): ProtocolRequest<void> {
  const encode = (): Promise<Encoder> => {
    // A request of this generation has tagged fields, here none, after its header and after each of its structures.
    const encoder = new EncoderClass()
      .writeUVarInt(0)
      .writeUVarInt(1)
      .writeUVarInt(passwords.size + 1);
    for (const [user, password] of passwords) {
      const salt = randomBytes(SALT_BYTES);
      const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, 'sha512');
      encoder.writeUVarIntString(user).writeInt8(SCRAM_SHA_512).writeInt32(ITERATIONS);
      encoder.writeUVarIntBytes(salt).writeUVarIntBytes(salted).writeUVarInt(0);
    }
    return Promise.resolve(encoder.writeUVarInt(0));
  };
  return {
    request: { apiKey: API_KEY, apiVersion: 0, apiName: 'AlterUserScramCredentials', encode },
    response: {
      decode(data: Buffer) {
        const decoder = new DecoderClass(data);
        decoder.readTaggedFields();
        decoder.readInt32();
        const codes = decoder.readUVarIntArray((one) => {
          one.readUVarIntString();
          const code = one.readInt16();
          one.readUVarIntString();
          one.readTaggedFields();
          return code;
        });
        return Promise.resolve(codes ?? []);
      },
      parse(codes: readonly number[]) {
        const failed = codes.find((code) => code !== 0);
        return failed === undefined ? Promise.resolve() : Promise.reject(createErrorFromCode(failed));
      },
    },
  };
}
