using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Keys;

/// <summary>
/// A key and when it is valid, as it stands on a command line: <c>NAME</c>, or <c>NAME@FROM..UNTIL</c>, where each is a time from now (7d) or a
/// date with its zone (2026-12-01T00:00Z), or empty: from now on, and without an end.
/// </summary>
internal static class KeyValidity
{
    /// <exception cref="UserException">It is neither.</exception>
    public static CellKey Parse(string text, DateTimeOffset now)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0) return new CellKey { Id = text };
        string[] ends = text[(at + 1)..].Split("..");
        if (ends.Length != 2) throw Wrong(text);
        CellKey key = new() { Id = text[..at], NotBeforeUnixMs = Moment(ends[0], now, text), NotAfterUnixMs = Moment(ends[1], now, text) };
        return key.NotAfterUnixMs == 0 || key.NotAfterUnixMs > key.NotBeforeUnixMs ? key : throw new UserException($"--key is '{text}': it ends before it begins");
    }

    private static long Moment(string text, DateTimeOffset now, string whole) =>
        text.Length == 0 ? 0
        : CommonOptions.TryDuration(text, out TimeSpan later) ? (now + later).ToUnixTimeMilliseconds()
        : HasZone(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset date) ? date.ToUnixTimeMilliseconds()
        : throw Wrong(whole);

    /// <summary>A date without one would be another moment on another machine.</summary>
    private static bool HasZone(string text) => text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal);

    private static UserException Wrong(string text) => new($"--key is '{text}'; NAME or NAME@FROM..UNTIL is wanted, times as 7d from now or 2026-12-01T00:00Z");
}
