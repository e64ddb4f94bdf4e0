using Google.Protobuf;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Schemas;

public sealed class TopicSpecTests
{
    private static readonly RecordContext Context = new("cell-0", Samples.Time);

    [Fact]
    public void A_valid_value_is_read()
    {
        VmReports sent = Samples.Reports(Samples.Report(), Samples.Report("vm-2"));
        Assert.True(Topics.VmMetrics.TryRead(Context, sent.ToByteArray(), out VmReports read, out string reason));
        Assert.Equal(sent, read);
        Assert.Empty(reason);
    }

    [Fact]
    public void What_is_no_protobuf_is_refused_with_the_type_that_was_wanted()
    {
        byte[] bytes = [0x0A, 0xFF, 0x01, 0x02];
        Assert.False(Topics.VmMetrics.TryRead(Context, bytes, out _, out string reason));
        Assert.StartsWith("not a VmReports: ", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_value_is_refused()
    {
        byte[] bytes = Samples.Reports(Samples.Report()).ToByteArray()[..^3];
        Assert.False(Topics.VmMetrics.TryRead(Context, bytes, out _, out string reason));
        Assert.StartsWith("not a VmReports: ", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_oversized_value_is_refused_before_it_is_parsed()
    {
        byte[] bytes = new byte[Topics.MaxValueBytes + 1];
        Assert.False(Topics.VmMetrics.TryRead(Context, bytes, out _, out string reason));
        Assert.Equal($"value of {Topics.MaxValueBytes + 1} bytes; at most {Topics.MaxValueBytes} are allowed", reason);
    }
}
