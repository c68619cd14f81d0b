import java.io.ByteArrayInputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.core.EncryptedPdfException;
import org.verapdf.core.ModelParsingException;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.VeraPDFFoundry;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** PDF/A and PDF/UA by veraPDF. */
final class Conformance {
    /** Of each flavour (3a, ua1 …): does the file conform, and the broken rules with the number of places. */
    record Answer(boolean passed, Map<String, Boolean> compliant, Map<String, Map<String, Integer>> failed) {}

    static {
        VeraGreenfieldFoundryProvider.initialise();
    }

    private Conformance() {}

    static Answer judge(byte[] pdf, List<String> flavours) throws Exception {
        var compliant = new LinkedHashMap<String, Boolean>();
        var failed = new LinkedHashMap<String, Map<String, Integer>>();
        for (String id : flavours) {
            Map<String, Integer> broken = brokenRules(pdf, id);
            compliant.put(id, broken.isEmpty());
            if (!broken.isEmpty()) failed.put(id, broken);
        }
        return new Answer(failed.isEmpty() && !compliant.isEmpty(), compliant, failed);
    }

    private static Map<String, Integer> brokenRules(byte[] pdf, String id) throws Exception {
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(id);
        if (flavour == PDFAFlavour.NO_FLAVOUR) throw new IllegalArgumentException("unknown flavour " + id);
        VeraPDFFoundry foundry = Foundries.defaultInstance();
        try (var parser = foundry.createParser(new ByteArrayInputStream(pdf), flavour);
                var validator = foundry.createValidator(flavour, false)) {
            return brokenRules(validator.validate(parser));
        } catch (ModelParsingException | EncryptedPdfException e) {
            return Map.of("unreadable: " + e.getMessage(), 1);
        }
    }

    private static Map<String, Integer> brokenRules(ValidationResult result) {
        var broken = new TreeMap<String, Integer>();
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() != TestAssertion.Status.FAILED) continue;
            var rule = assertion.getRuleId();
            broken.merge(rule.getClause() + "-" + rule.getTestNumber() + " " + assertion.getMessage(), 1, Integer::sum);
        }
        if (broken.isEmpty() != result.isCompliant()) throw new IllegalStateException("verdict and broken rules disagree");
        return broken;
    }
}
