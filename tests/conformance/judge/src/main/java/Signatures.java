import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.InMemoryDocument;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.pdf.modifications.DefaultPdfDifferencesFinder;
import eu.europa.esig.dss.pdf.pdfbox.PdfBoxDefaultObjectFactory;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Signatures and time stamps by EU DSS, offline and by its own default policy. */
final class Signatures {
    /** passed: there is at least one signature, and every one is TOTAL_PASSED. */
    record Answer(boolean passed, List<Signature> signatures, List<Timestamp> timestamps) {}

    record Signature(String field, String signer, String indication, String sub_indication, String level, Date best_time,
            Map<String, Integer> later_changes, List<String> errors, List<String> warnings) {}

    record Timestamp(String type, Date time, String indication, boolean intact) {}

    private Signatures() {}

    /** Whether pages look the same (`looks`) takes more time than all the rest, and changes no indication. */
    static Answer judge(byte[] pdf, List<byte[]> roots, String at, boolean looks) {
        var trusted = new CommonTrustedCertificateSource();
        for (byte[] root : roots) trusted.addCertificate(DSSUtils.loadCertificate(root));
        var verifier = new CommonCertificateVerifier(true); // no fetching of certificates, CRLs or OCSP responses
        verifier.setTrustedCertSources(trusted);
        var validator = new PDFDocumentValidator(new InMemoryDocument(pdf));
        validator.setCertificateVerifier(verifier);
        validator.setEnableEtsiValidationReport(false);
        if (!looks) validator.setPdfObjFactory(withoutLooking());
        if (at != null) validator.setValidationTime(Date.from(Instant.parse(at)));

        var reports = validator.validateDocument();
        SimpleReport simple = reports.getSimpleReport();
        DiagnosticData data = reports.getDiagnosticData();
        var signatures = data.getSignatures().stream().map(found -> signature(simple, found)).toList();
        var timestamps = data.getTimestampList().stream().map(found -> timestamp(simple, found)).toList();
        boolean passed = !signatures.isEmpty()
                && signatures.stream().allMatch(one -> one.indication().equals(Indication.TOTAL_PASSED.name()));
        return new Answer(passed, signatures, timestamps);
    }

    private static PdfBoxDefaultObjectFactory withoutLooking() {
        var finder = new DefaultPdfDifferencesFinder();
        finder.setMaximalPagesAmountForVisualComparison(0);
        var factory = new PdfBoxDefaultObjectFactory();
        factory.setPdfDifferencesFinder(finder);
        return factory;
    }

    private static Signature signature(SimpleReport simple, SignatureWrapper found) {
        String id = found.getId();
        return new Signature(found.getFirstFieldName(), simple.getSignedBy(id), name(simple.getIndication(id)),
                name(simple.getSubIndication(id)), String.valueOf(simple.getSignatureFormat(id)).replace('_', '-'),
                simple.getBestSignatureTime(id), laterChanges(found),
                texts(simple.getAdESValidationErrors(id)), texts(simple.getAdESValidationWarnings(id)));
    }

    private static Timestamp timestamp(SimpleReport simple, TimestampWrapper found) {
        return new Timestamp(found.getType().name(), found.getProductionTime(), name(simple.getIndication(found.getId())),
                found.isMessageImprintDataIntact() && found.isSignatureIntact());
    }

    /** How many objects later revisions changed, by DSS's classes; a filled field and a new signature are to be expected. */
    private static Map<String, Integer> laterChanges(SignatureWrapper found) {
        var counts = new LinkedHashMap<String, Integer>();
        counts.put("extension", found.getPdfExtensionChanges().size());
        counts.put("signature_or_form_fill", found.getPdfSignatureOrFormFillChanges().size());
        counts.put("annotation", found.getPdfAnnotationChanges().size());
        counts.put("undefined", found.getPdfUndefinedChanges().size());
        counts.put("overlapping_annotations", found.getPdfAnnotationsOverlapConcernedPages().size());
        counts.put("visual_difference", found.getPdfVisualDifferenceConcernedPages().size());
        counts.put("page_difference", found.getPdfPageDifferenceConcernedPages().size());
        return counts;
    }

    private static List<String> texts(List<Message> messages) {
        return messages.stream().map(Message::getValue).toList();
    }

    private static String name(Enum<?> value) {
        return value == null ? null : value.name();
    }
}
