using Pipeline.Schemas;
using Pipeline.Schemas.Signing;

namespace Pipeline.Tests.Unit.Schemas.Signing;

public sealed class ReportSignatureTests
{
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private static readonly byte[] Payload = [1, 2, 3];

    [Fact]
    public void A_signature_holds_for_exactly_what_was_signed()
    {
        SigningKey key = ReportSignature.KeyOf("k", Secret, "cell", "vm");
        Signature signature = ReportSignature.Sign("vm", "cell", 7, 1000, Payload, key);

        Assert.True(Verify("vm", "cell", 7, 1000, Payload, key));
        Assert.False(Verify("vn", "cell", 7, 1000, Payload, key));
        Assert.False(Verify("vm", "cel", 7, 1000, Payload, key));
        Assert.False(Verify("vm", "cell", 8, 1000, Payload, key));
        Assert.False(Verify("vm", "cell", 7, 1001, Payload, key));
        Assert.False(Verify("vm", "cell", 7, 1000, [1, 2, 4], key));

        bool Verify(string vm, string cell, ulong sequence, long time, byte[] payload, SigningKey with) => ReportSignature.Verify(vm, cell, sequence, time, payload, signature.Mac.Span, with);
    }

    [Fact]
    public void Names_are_not_confused_where_they_meet()
    {
        SigningKey key = ReportSignature.KeyOf("k", Secret, "c", "v");

        Assert.NotEqual(ReportSignature.Sign("ab", "c", 1, 1, Payload, key).Mac, ReportSignature.Sign("a", "bc", 1, 1, Payload, key).Mac);
    }

    [Fact]
    public void Every_VM_cell_and_secret_has_a_key_of_its_own()
    {
        SigningKey key = ReportSignature.KeyOf("k", Secret, "cell", "vm");
        Signature signature = ReportSignature.Sign("vm", "cell", 1, 1, Payload, key);

        Assert.False(Holds(ReportSignature.KeyOf("k", Secret, "cell", "vm2")));
        Assert.False(Holds(ReportSignature.KeyOf("k", Secret, "cell2", "vm")));
        Assert.False(Holds(ReportSignature.KeyOf("k2", Secret, "cell", "vm")));
        Assert.False(Holds(ReportSignature.KeyOf("k", new byte[32], "cell", "vm")));
        Assert.True(Holds(ReportSignature.KeyOf("k", Secret, "cell", "vm")));

        bool Holds(SigningKey other) => ReportSignature.Verify("vm", "cell", 1, 1, Payload, signature.Mac.Span, other);
    }

    [Fact]
    public void A_key_is_never_shown() => Assert.Equal("k", ReportSignature.KeyOf("k", Secret, "cell", "vm").ToString());
}
