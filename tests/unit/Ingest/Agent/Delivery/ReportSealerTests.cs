using Google.Protobuf;
using Pipeline.Ingest.Agent.Delivery;
using Pipeline.Schemas;
using Pipeline.Schemas.Signing;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Ingest.Agent.Delivery;

public sealed class ReportSealerTests
{
    [Fact]
    public void An_unsigned_report_is_the_message_as_anybody_would_write_it()
    {
        VmReport report = Samples.Report();

        Assert.Equal(Samples.Reports(report).ToByteArray(), new ReportSealer(null).Seal(report));
    }

    [Fact]
    public void A_signed_report_reads_back_and_its_signature_is_that_of_the_bytes_before_it()
    {
        SigningKey key = ReportSignature.KeyOf("k1", new byte[32], "cell-0", "vm-1");
        VmReport report = Samples.Report();
        byte[] payload = report.ToByteArray();

        VmReport read = VmReports.Parser.ParseFrom(new ReportSealer(key).Seal(report)).Reports.Single();

        Assert.Equal(report, read);
        Signature signature = Signature.Parser.ParseFrom(read.Signature);
        Assert.Equal("k1", signature.KeyId);
        Assert.True(ReportSignature.Verify("vm-1", "cell-0", 1, report.TimeUnixMs, payload, signature.Mac.Span, key));
    }
}
