namespace Pipeline.Schemas;

/// <summary>Headers of a dead letter, UTF-8 text. Key and value are the original bytes, or empty where they were too large.</summary>
public static class DeadLetterHeaders
{
    /// <summary>What is wrong, where, in words.</summary>
    public const string Reason = "dead-letter-reason";

    public const string Topic = "dead-letter-topic";

    public const string Partition = "dead-letter-partition";

    public const string Offset = "dead-letter-offset";

    /// <summary>Name of the service that refused the record.</summary>
    public const string Service = "dead-letter-service";

    /// <summary>Only where key and value are left out because no record of that size may be written: size of the original value.</summary>
    public const string OmittedBytes = "dead-letter-omitted-bytes";
}
