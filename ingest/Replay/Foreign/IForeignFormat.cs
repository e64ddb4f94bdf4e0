using Pipeline.Schemas;

namespace Pipeline.Ingest.Replay.Foreign;

/// <summary>Says what our reports say the way another agent would.</summary>
public interface IForeignFormat
{
    /// <summary>The topic that it writes to, unless another is named.</summary>
    string Topic { get; }

    /// <summary>Records of one report, with their keys; a key may be null. Counters go on from call to call.</summary>
    IEnumerable<(string? Key, byte[] Value)> Encode(VmReport report);
}
