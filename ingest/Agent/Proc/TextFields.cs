using System.Globalization;

namespace Pipeline.Ingest.Agent.Proc;

/// <summary>Reads the kernel's text files: fields separated by blanks, whole numbers.</summary>
internal ref struct TextFields(ReadOnlySpan<char> line)
{
    private ReadOnlySpan<char> rest = line;

    /// <summary>The next field; empty at the end of the line.</summary>
    public ReadOnlySpan<char> Next()
    {
        rest = rest.TrimStart();
        int end = rest.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> field = end < 0 ? rest : rest[..end];
        rest = rest[field.Length..];
        return field;
    }

    public void Skip(int fields)
    {
        for (int i = 0; i < fields; i++) Next();
    }

    /// <summary>The next field as a number; null where there is none (older kernels have fewer fields) or it is not a number.</summary>
    public ulong? NextNumber() => ulong.TryParse(Next(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : null;
}
