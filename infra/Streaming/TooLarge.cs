namespace Pipeline.Infra.Streaming;

/// <summary>The first thing that is asked of a record, before anything in it is looked at.</summary>
internal static class TooLarge
{
    /// <summary>Says what is wrong, or null where the record may be parsed.</summary>
    public static string? Check(in StreamRecord record, StreamLimits limits, LimitWatch watch)
    {
        if (record.Bytes <= limits.RecordBytesMax) return null;
        string reason = $"record of {record.Bytes} bytes; at most {limits.RecordBytesMax} are parsed";
        string where = $"{record.Topic}[{record.Partition}] offset {record.Offset}";
        watch.Reached(StreamLimit.RecordBytes, () => $"{where}: {reason}");
        return reason;
    }
}
