using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Feedback;

/// <summary>A step on the ladder of signals.</summary>
/// <param name="TimeMs">Event time, Unix milliseconds.</param>
/// <param name="Vm">The VM that it is of; empty: all VMs.</param>
/// <param name="From">The signal used until then.</param>
/// <param name="To">The signal used from then on, if it is there.</param>
/// <param name="Reason">In words.</param>
public readonly record struct LadderStep(long TimeMs, string Vm, SignalRung From, SignalRung To, string Reason);
