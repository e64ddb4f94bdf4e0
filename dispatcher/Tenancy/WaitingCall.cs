using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Tenancy;

/// <summary>A call before it is answered.</summary>
internal sealed class WaitingCall(CallTicket ticket, long sinceMs, long untilMs)
{
    public CallTicket Ticket => ticket;

    public long SinceMs => sinceMs;

    /// <summary>It is rejected when it was not dispatched before then.</summary>
    public long UntilMs => untilMs;

    public bool IsWaiting { get; set; } = true;

    /// <summary>It is written in function.deferrals that it waits.</summary>
    public bool IsDeferred { get; set; }

    /// <summary>What it waits for.</summary>
    public string WaitsFor { get; set; } = "";
}
