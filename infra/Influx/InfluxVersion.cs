using System.Globalization;

namespace Pipeline.Infra.Influx;

/// <summary>What a server says it is, for example 1.6.7~rc0 or v2.7.12.</summary>
public sealed record InfluxVersion(int Major, string Text)
{
    /// <summary>Write by /api/v2/write with organisation and bucket; 1.x has /write with a database.</summary>
    public bool HasBuckets => Major >= 2;

    /// <summary>1.x has no unsigned integers.</summary>
    public bool HasUnsigned => Major >= 2;

    /// <summary>Null when the text does not start with a number, with or without a v before it.</summary>
    public static InfluxVersion? Parse(string? text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim().TrimStart('v');
        int digits = rest.IndexOfAnyExceptInRange('0', '9');
        if (digits < 0) digits = rest.Length;
        return int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out int major) ? new InfluxVersion(major, rest.ToString()) : null;
    }

    public override string ToString() => Text;
}
