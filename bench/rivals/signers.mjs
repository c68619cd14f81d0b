// Signers for Node, warm: a line of JSON in (engine, pdf, p12, code, fields), a line of JSON out (milliseconds by the
// clock and of the processor for each signature, and the PDF in base64; or the error). Only the signing is timed, not the way here and back.
import { createInterface } from "node:readline";
import { P12Signer, PDF } from "@libpdf/core";
import signpdfModule from "@signpdf/signpdf";
import { P12Signer as ForgeSigner } from "@signpdf/signer-p12";
import { plainAddPlaceholder } from "@signpdf/placeholder-plain";

const { SignPdf } = signpdfModule;
const signers = {
  "@libpdf/core": async (pdf, p12, code, field) => {
    const signer = await P12Signer.create(p12, code);
    const { bytes } = await (await PDF.load(pdf)).sign({ signer, fieldName: field, reason: "Bench", level: "B-B" });
    return Buffer.from(bytes);
  },
  "@signpdf/signpdf": async (pdf, p12, code, field) => {
    const facts = { reason: "Bench", contactInfo: "", name: field, location: "", signatureLength: 16384 };
    const placed = plainAddPlaceholder({ pdfBuffer: pdf, subFilter: "ETSI.CAdES.detached", ...facts });
    return new SignPdf().sign(placed, new ForgeSigner(p12, { passphrase: code }));
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { engine, pdf, p12, code, fields } = JSON.parse(line);
  let answer;
  try {
    let bytes = Buffer.from(pdf, "base64");
    const key = Buffer.from(p12, "base64");
    const taken = [];
    for (const field of fields) {
      const [begun, spent] = [performance.now(), process.cpuUsage()];
      bytes = await signers[engine](bytes, key, code, field);
      const { user, system } = process.cpuUsage(spent);
      taken.push([performance.now() - begun, (user + system) / 1000]);
    }
    answer = { taken, pdf: bytes.toString("base64") };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
process.exit(0);
