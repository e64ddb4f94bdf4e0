using Pipeline.Infra.CommandLine;
using Pipeline.Ingest.Keys;

namespace Pipeline.Tests.Unit.Ingest.Keys;

public sealed class KeyValidityTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_795_000_000_000);

    [Theory]
    [InlineData("k", 0, 0)]
    [InlineData("k@..", 0, 0)]
    [InlineData("k@..1d", 0, 1_795_086_400_000)]
    [InlineData("k@1h..", 1_795_003_600_000, 0)]
    [InlineData("k@2026-12-01T00:00Z..2027-01-01T01:00+01:00", 1_796_083_200_000, 1_798_761_600_000)]
    public void Times_are_from_now_or_dates_and_may_be_left_out(string text, long notBefore, long notAfter)
    {
        Pipeline.Schemas.CellKey key = KeyValidity.Parse(text, Now);
        Assert.Equal(("k", notBefore, notAfter), (key.Id, key.NotBeforeUnixMs, key.NotAfterUnixMs));
    }

    [Theory]
    [InlineData("k@", "NAME@FROM..UNTIL is wanted")]
    [InlineData("k@soon..", "NAME@FROM..UNTIL is wanted")]
    [InlineData("k@..2027-01-01T00:00", "NAME@FROM..UNTIL is wanted")]
    [InlineData("k@2d..1d", "it ends before it begins")]
    public void What_is_no_time_is_refused(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<UserException>(() => KeyValidity.Parse(text, Now)).Message, StringComparison.Ordinal);
}
