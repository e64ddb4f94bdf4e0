namespace Pipeline.Dispatcher.Fleet;

/// <summary>An attempt that broke off and after which nothing was decided yet.</summary>
/// <param name="Ticket">The attempt.</param>
/// <param name="Kind">Why it broke off.</param>
/// <param name="Vm">Row of the VM where it was.</param>
public readonly record struct BrokenCall(CallTicket Ticket, BreakKind Kind, int Vm);
