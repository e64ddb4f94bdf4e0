namespace Pipeline.Infra.Streaming;

/// <summary>Names of <see cref="RestartReason"/> in metrics and in the status.</summary>
public static class RestartReasons
{
    public static readonly IReadOnlyList<RestartReason> All = Enum.GetValues<RestartReason>();

    public static string NameOf(RestartReason reason) => reason switch
    {
        RestartReason.Client => "client",
        RestartReason.TimeoutUnknownOutcome => "timeout-unknown-outcome",
        RestartReason.Fenced => "fenced",
        RestartReason.LostPartitions => "lost-partitions",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };
}
