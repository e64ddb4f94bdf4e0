namespace Pipeline.Schemas.Wire;

/// <summary>
/// Cuts a <see cref="VmReports"/> into its reports, and each into what is signed and the signature, by their bytes: what was signed is
/// never written anew. The signature has to be the last field.
/// </summary>
public ref struct SignedReports(ReadOnlySpan<byte> value)
{
    private const uint Reports = VmReports.ReportsFieldNumber << 3 | 2, Signature = VmReport.SignatureFieldNumber << 3 | 2;

    private readonly ReadOnlySpan<byte> bytes = value;
    private int at;

    /// <summary>Something is not as it has to be: the record is no <see cref="VmReports"/>.</summary>
    public bool Failed { get; private set; }

    /// <summary>The next report; false at the end, or with <see cref="Failed"/>.</summary>
    /// <param name="report">All of it.</param>
    /// <param name="payload">What was signed.</param>
    /// <param name="signature">The signature; empty where there is none at the end.</param>
    public bool TryNext(out ReadOnlySpan<byte> report, out ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> signature)
    {
        report = payload = signature = default;
        while (at < bytes.Length)
        {
            int from = WireReader.ReadTag(bytes, at, out uint tag);
            if (from != WireReader.Broken && tag == Reports)
            {
                at = WireReader.ReadBytes(bytes, from, out report);
                Failed |= at == WireReader.Broken || !TrySplit(report, out payload, out signature);
                return !Failed;
            }
            at = WireReader.Skip(bytes, from, tag);
        }
        Failed |= at != bytes.Length;
        return false;
    }

    private static bool TrySplit(ReadOnlySpan<byte> report, out ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> signature)
    {
        (int at, int last, uint tag) = (0, 0, 0);
        payload = report;
        signature = default;
        while (at < report.Length)
        {
            last = at;
            at = WireReader.ReadTag(report, at, out tag);
            at = WireReader.Skip(report, at, tag);
        }
        if (at != report.Length) return false;
        if (tag != Signature) return true;
        payload = report[..last];
        return WireReader.ReadBytes(report, WireReader.ReadTag(report, last, out _), out signature) != WireReader.Broken;
    }
}
