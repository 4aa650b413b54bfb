// What the server said, kept for a moment and asked again.
// Must stay true: reads are asked again by themselves, writes never.

import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './api/http.ts'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && (!(error instanceof ApiError) || error.isPassing),
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
})
