using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.Service;
using Pipeline.Schemas;
using Pipeline.Schemas.Signing;
using Pipeline.Schemas.Wire;

namespace Pipeline.Processors.Trust;

/// <summary>
/// Refuses records of cells that demand signatures, where a report is not signed, not by this VM, with a key that is not valid then, or is
/// too old. What it says is a function of the record, its broker time among it, and of what agent.keys says.
/// </summary>
/// <param name="keys">What is asked of each cell.</param>
/// <param name="secrets">The cells' secrets, by the name of the key.</param>
public sealed class ReportGuard(KeyDirectory keys, IReadOnlyDictionary<string, byte[]> secrets)
{
    /// <summary>Keys of VMs that are kept: two of each of as many VMs as a cell may have. They are derived anew when there are more.</summary>
    private const int KeysMax = 200_000;

    private readonly Dictionary<(string Key, string Cell, string Vm), SigningKey> derived = [];

    /// <summary>What is asked of each cell.</summary>
    public KeyDirectory Keys => keys;

    /// <summary>Why a record of vm.metrics is refused; null: it is not.</summary>
    public string? Check(in StreamRecord record)
    {
        // Asked by key: a record whose reports are of another cell is refused by the validator.
        if (keys.Of(record.KeyText) is not { RequiredFromUnixMs: > 0 } cell || record.TimestampUnixMs < cell.RequiredFromUnixMs) return null;
        (string Kind, string Text)? refusal = Check(record, cell);
        if (refusal is not { } refused) return null;
        ReportMetrics.Refused(cell.Cell, refused.Kind);
        return refused.Text;
    }

    private (string Kind, string Text)? Check(in StreamRecord record, CellKeys cell)
    {
        SignedReports reports = new(record.Value);
        while (reports.TryNext(out ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> signature))
        {
            if (signature.IsEmpty) return ("unsigned", $"a report is not signed, which cell '{cell.Cell}' demands");
            try
            {
                if (Check(VmReport.Parser.ParseFrom(bytes), payload, Signature.Parser.ParseFrom(signature), cell, record.TimestampUnixMs) is { } wrong) return wrong;
            }
            catch (InvalidProtocolBufferException)
            {
                return ("broken", "a report cannot be read");
            }
        }
        return reports.Failed ? ("broken", "the record cannot be cut into reports") : null;
    }

    private (string Kind, string Text)? Check(VmReport report, ReadOnlySpan<byte> payload, Signature signature, CellKeys cell, long recordUnixMs)
    {
        if (report.Cell != cell.Cell) return ("forged", "a report is of another cell than its record");
        CellKey? key = cell.Keys.FirstOrDefault(k => k.Id == signature.KeyId);
        if (key is null || !secrets.TryGetValue(key.Id, out byte[]? secret)) return ("unknown_key", $"a report is signed with a key that cell '{cell.Cell}' does not have");
        if (recordUnixMs < key.NotBeforeUnixMs || (key.NotAfterUnixMs != 0 && recordUnixMs > key.NotAfterUnixMs)) return ("expired_key", $"a report is signed with key '{key.Id}' outside of its time");
        if (!ReportSignature.Verify(report.Vm, report.Cell, report.Sequence, report.TimeUnixMs, payload, signature.Mac.Span, KeyOf(key.Id, secret, report)))
            return ("forged", "a report's signature is not that of its VM");
        if (cell.ReplayWindowMs > 0 && report.TimeUnixMs < recordUnixMs - cell.ReplayWindowMs) return ("replayed", $"a report is {(recordUnixMs - report.TimeUnixMs) / 1000} s old, more than cell '{cell.Cell}' takes");
        return null;
    }

    private SigningKey KeyOf(string id, byte[] secret, VmReport report)
    {
        if (derived.TryGetValue((id, report.Cell, report.Vm), out SigningKey? key)) return key;
        if (derived.Count == KeysMax) derived.Clear();
        return derived[(id, report.Cell, report.Vm)] = ReportSignature.KeyOf(id, secret, report.Cell, report.Vm);
    }
}
