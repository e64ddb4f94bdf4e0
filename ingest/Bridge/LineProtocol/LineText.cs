using System.Buffers;
using System.Text;
using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge.LineProtocol;

/// <summary>Names in line protocol: a backslash before comma, blank or equals sign takes their meaning away, before anything else it stands for itself.</summary>
internal static class LineText
{
    private const byte Escape = (byte)'\\';

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>What ends measurement, tag's value, or tag's and field's key; each with the escape.</summary>
    public static readonly SearchValues<byte> NameEnds = SearchValues.Create(", \\"u8), KeyEnds = SearchValues.Create("=, \\"u8), SeriesEnds = SearchValues.Create(" \\"u8);

    /// <summary>Where the first of these bytes is that is not escaped; the text's length where there is none.</summary>
    public static int EndOf(ReadOnlySpan<byte> text, int at, SearchValues<byte> ends)
    {
        while (at < text.Length)
        {
            int found = text[at..].IndexOfAny(ends);
            if (found < 0) return text.Length;
            at += found;
            if (text[at] != Escape) return at;
            at += IsEscaped(text, at + 1) ? 2 : 1;
        }
        return text.Length;
    }

    /// <exception cref="BadRecordException">It is not UTF-8.</exception>
    public static string Unescaped(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains(Escape)) return Text(raw);
        List<byte> bytes = new(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] == Escape && IsEscaped(raw, i + 1)) i++;
            bytes.Add(raw[i]);
        }
        return Text(bytes.ToArray());
    }

    /// <exception cref="BadRecordException">It is not UTF-8.</exception>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new BadRecordException("not UTF-8", e);
        }
    }

    private static bool IsEscaped(ReadOnlySpan<byte> text, int at) => at < text.Length && text[at] is (byte)',' or (byte)' ' or (byte)'=';
}
