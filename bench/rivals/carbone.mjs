// Carbone, warm: a line of JSON in (template, data), a line of JSON out (the PDF in base64, or the error).
import { createInterface } from "node:readline";
import carbone from "carbone";

carbone.set({ startFactory: true, factories: 1, attempts: 1, tempPath: process.argv[2] });
for await (const line of createInterface({ input: process.stdin })) {
  const { template, data } = JSON.parse(line);
  const answer = await new Promise((resolve) =>
    carbone.render(template, data, { convertTo: "pdf" }, (error, made) =>
      resolve(error ? { error: String(error) } : { pdf: made.toString("base64") }),
    ),
  );
  process.stdout.write(JSON.stringify(answer) + "\n");
}
process.exit(0);
