import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
} from '@peculiar/asn1-x509';

/** A certificate and its key (PKCS #8), both as PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** Common name: the service the holder is. */
  readonly name: string;
  /** Host names and IP addresses it is reached at. */
  readonly hosts: readonly string[];
  /** Unix ms. */
  readonly from: number;
  readonly until: number;
}

const COMMON_NAME = '2.5.4.3';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
/** Random bits of a serial number: 126, below the 20 octets the standard allows, and positive. */
const SERIAL_BYTES = 16;
/** A holder whose clock is behind this much, ms, already takes a new certificate. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** An authority that signs itself; its name has its serial number, so that two generations are told apart. */
export function makeAuthority(from: number, until: number): Issued {
  const keys = newKeys();
  const serial = newSerial();
  const name = nameOf(`Tocsin authority ${serial.toString('hex').slice(0, 8)}`);
  const own = keyId(keys.publicKey);
  const extensions = [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(own)),
  ];
  const certificate = signed({ serial, issuer: name, subject: name, from, until, holder: keys.publicKey, extensions }, keys.privateKey);
  return { certificate, key: pemOf(keys.privateKey) };
}

/** A certificate for both ends of a link, by this authority. */
export function issueCertificate(
  request: CertificateRequest,
  authority: { readonly certificate: string; readonly key: KeyObject },
): Issued {
  const keys = newKeys();
  const issuer = AsnConvert.parse(new X509Certificate(authority.certificate).raw, Certificate).tbsCertificate;
  const alternatives = [...new Set([request.name, ...request.hosts])].map((host) =>
    isIP(host) ? new GeneralName({ iPAddress: host }) : new GeneralName({ dNSName: host }),
  );
  const extensions = [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth, id_kp_clientAuth])),
    extension(id_ce_subjectAltName, new SubjectAlternativeName(alternatives)),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId(keys.publicKey))),
    extension(
      id_ce_authorityKeyIdentifier,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyId(createPublicKey(authority.key))) }),
    ),
  ];
  const { from, until } = request;
  const subject = nameOf(request.name);
  const parts = {
    serial: newSerial(),
    issuer: issuer.subject,
    subject,
    from: from - CLOCK_SKEW_MS,
    until,
    holder: keys.publicKey,
    extensions,
  };
  return { certificate: signed(parts, authority.key), key: pemOf(keys.privateKey) };
}

interface Parts {
  readonly serial: Buffer;
  readonly issuer: Name;
  readonly subject: Name;
  readonly from: number;
  readonly until: number;
  readonly holder: KeyObject;
  readonly extensions: readonly Extension[];
}

function signed(parts: Parts, key: KeyObject): string {
  const algorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const body = new TBSCertificate({
    version: Version.v3,
    serialNumber: exact(parts.serial),
    signature: algorithm,
    issuer: parts.issuer,
    validity: new Validity({ notBefore: new Date(parts.from), notAfter: new Date(parts.until) }),
    subject: parts.subject,
    subjectPublicKeyInfo: AsnConvert.parse(parts.holder.export({ type: 'spki', format: 'der' }), SubjectPublicKeyInfo),
    extensions: new Extensions([...parts.extensions]),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(body)), key);
  const whole = new Certificate({ tbsCertificate: body, signatureAlgorithm: algorithm, signatureValue: exact(signature) });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(whole))).toString();
}

function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function newSerial(): Buffer {
  const serial = randomBytes(SERIAL_BYTES);
  // The first bit is the sign, the second keeps the length.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

function nameOf(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])]);
}

function extension(extnID: string, value: unknown, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** RFC 5280, 4.2.1.2, method 1. */
function keyId(key: KeyObject): ArrayBuffer {
  const info = AsnConvert.parse(key.export({ type: 'spki', format: 'der' }), SubjectPublicKeyInfo);
  return exact(createHash('sha1').update(Buffer.from(info.subjectPublicKey)).digest());
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The bytes in a buffer of their own: small Buffers share one. */
function exact(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
