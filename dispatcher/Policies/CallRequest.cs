namespace Pipeline.Dispatcher.Policies;

/// <summary>A call as policies see it.</summary>
/// <param name="Hash">Of the invocation's id and the dispatcher's seed: the source of all that is random about this call.</param>
/// <param name="Function">Row of the function.</param>
/// <param name="Tenant">Name of the tenant.</param>
/// <param name="MemoryBytes">Memory that it needs.</param>
/// <param name="DeadlineS">Wanted response, seconds; infinite where none is.</param>
public readonly record struct CallRequest(ulong Hash, int Function, string Tenant, long MemoryBytes, double DeadlineS);
